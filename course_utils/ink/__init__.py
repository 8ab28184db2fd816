"""Pictures of digits, without any widget: normalisation, stroke forms, changes, rain.

Import from its modules: `normalize` and `forms` need no PyTorch, the others do.
"""
