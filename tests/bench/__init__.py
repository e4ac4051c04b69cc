"""What `make bench` measures, one file a subject: each has `rows(folder)`. docs/performance.md explains each."""
