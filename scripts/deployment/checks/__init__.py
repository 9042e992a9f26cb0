"""What the deployment is put through. Each module is one part, with a function `run`."""
