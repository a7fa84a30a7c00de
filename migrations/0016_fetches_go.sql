-- What was asked and answered is of no use after a while; who answers clears up.
GRANT DELETE ON fetches TO parley_executor;
