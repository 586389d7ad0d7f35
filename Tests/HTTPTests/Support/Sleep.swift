import Glibc

/// Lets time pass.
func clockSleep(_ milliseconds: Int) throws { usleep(UInt32(milliseconds) * 1000) }
