"""Point groups: finite groups that move kernels, channels and outputs, for group convolutions.

In order: `element`, `moves` (which symmetries are elements), `group`, `chain` (groups that get
smaller from level to level), `kernel` (shared weights), `subgroups` and `subgroup_chains` (closed
states).
"""
