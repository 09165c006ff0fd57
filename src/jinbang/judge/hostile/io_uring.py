"""Goes round the filter through io_uring, whose work no system call filter sees."""
import ctypes, targets
targets.call("io_uring_setup", 425, 8, ctypes.create_string_buffer(256))
targets.call("io_uring_enter", 426, 3, 1, 0, 0, 0)
targets.call("io_uring_register", 427, 3, 0, 0, 0)
