"""Point groups: finite groups that move kernels, channels and outputs, for group convolutions.

In order: `element`, `moves` (which symmetries are elements), `group`, `kernel` (shared weights),
`subgroups` (closed states).
"""
