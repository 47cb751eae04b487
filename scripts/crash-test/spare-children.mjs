// Imported into a program whose clock is wrong: what it starts (the store's engine, journalctl) keeps the machine's time.
delete process.env.LD_PRELOAD;
