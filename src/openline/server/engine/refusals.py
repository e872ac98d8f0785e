"""Why an engine does not start."""


class EngineRefused(RuntimeError):
    """The engine must not start here; the message says what to do."""


class EngineTaken(EngineRefused):
    """Another process runs the engine on this SQLite file."""


class NodeTaken(EngineRefused):
    """A living node has this name already."""


class AlreadyRunning(EngineRefused):
    """This process runs the engine already."""
