"""How programs ask and act: JSON under /api/v1, with its description at /api/v1/openapi.json."""
