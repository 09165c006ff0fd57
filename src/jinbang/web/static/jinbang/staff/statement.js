// Task statements as candidates see them: the candidate page's own Markdown, drawn over the plain text.

import { markdown } from "../candidate/js/markdown.js";

for (const place of document.querySelectorAll(".statement")) {
  place.replaceChildren(...[markdown(place.textContent)].flat());
  place.classList.add("drawn");
}
