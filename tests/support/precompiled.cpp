// Compiled for the headers it stands for.
