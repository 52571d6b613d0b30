package dev.millpond.http;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;

/** How many connections the operating system has descriptors for. */
final class Descriptors {

    private static final int MOST = 16_384;

    private Descriptors() {}

    /** Three quarters of the process's limit, so that files and other sockets have some too; at most 16,384. */
    static int connections() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        if (system instanceof com.sun.management.UnixOperatingSystemMXBean unix) {
            return (int) Math.max(1, Math.min(MOST, unix.getMaxFileDescriptorCount() / 4 * 3));
        }
        return MOST;
    }
}
