"""patience: whether the server stays as it is under a million requests and under clients that take their time.

Each part measures the memory, the descriptors and the threads of the server from /proc. What is limited
is how much they grow, not how long anything takes. All traffic stays on the loopback interface.
"""
