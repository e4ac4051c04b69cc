"""Commands, one file each: thin, over publishing. Nobody imports them."""
