"""The continuity plan as one document: entities, loading, references, overlays."""
