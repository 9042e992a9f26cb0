"""deployment: runs docker-compose.yml from the programs of this machine and puts it through failures.

Each service has namespaces of its own for network, processes and mounts, the read-only root, the
users, the mounts and the limit of memory that docker-compose.yml gives it. Nothing of it is visible
outside of these namespaces, and it ends with this program.
"""
