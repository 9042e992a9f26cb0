"""upgrade: holds the program of the previous version against the schema of this one, on both databases.

The rule of migrations is that the previous version can go on serving after them. So the previous
program serves and writes while this one migrates, serves beside it, and starts again afterwards.
"""
