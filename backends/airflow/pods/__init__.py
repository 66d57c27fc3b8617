"""Tasks in container images, and the pods in which the Kubernetes executor runs others."""
