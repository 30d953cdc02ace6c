// No declarations: the library is loaded before an executable, whose system calls then pass through it.
