"""Who does the heavy work: anything that speaks `concurrent.futures.Executor`."""
