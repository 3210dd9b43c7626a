"""The demonstration book: made-up people and a made-up maker, told through the same commands as a real one."""
