"""Patches every module and function it can reach, the judge's own before all, then reports failure."""
import builtins, gc, io, json, os, sys
for name in list(sys.modules):
    if name.split(".")[0] in ("inside", "jinbang", "keeper", "boxed", "runs", "program", "wire", "tree"):
        print("GOT module", name)
def nothing(*args, **kwargs):
    return 0
for thing in gc.get_objects():
    if type(thing) is type(nothing) and thing is not nothing and "inside" in thing.__code__.co_filename:
        thing.__code__ = nothing.__code__
for module in list(sys.modules.values()):
    for name in ("open", "print", "loads", "dumps", "compare", "check", "judge"):
        if hasattr(module, name) and module is not sys:
            try:
                setattr(module, name, nothing)
            except (AttributeError, TypeError):
                pass
builtins.jinbang_was_here = True
os._exit = sys.exit = nothing
raise SystemExit(11)
