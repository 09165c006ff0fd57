// Runs before the first paint: "auto" follows the machine, and goes on following it.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wanted = root.dataset.theme;
    root.dataset.bsTheme = wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
  };
  dark.addEventListener("change", apply);
  apply();
})();
