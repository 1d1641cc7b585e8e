"""The words spoken with other servers: what is written is strict, what is read is taken as it comes."""
