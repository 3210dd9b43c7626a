"""Named places where a process may die; nothing happens there but in tests and in the simulator."""

from collections.abc import Callable


class Crash(RuntimeError):
    """The process died here, as far as the simulator is concerned."""


_hook: Callable[[str], None] | None = None


def use(hook: Callable[[str], None] | None) -> None:
    """Call this at every named place; None for nothing."""
    global _hook
    _hook = hook


def here(place: str) -> None:
    """A place where dying must lose nothing."""
    if _hook is not None:
        _hook(place)
