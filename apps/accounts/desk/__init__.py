"""How staff get to the admin: signing in, the second factor, changing one's password."""
