"""What readers get: readings of editions, the resolver of addresses, and the faces for people and machines.

Others may import `readings`, for addresses, and views to mount elsewhere; nothing here knows of the working copy.
"""
