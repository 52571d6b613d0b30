package dev.millpond.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process takes from the operating system. */
final class Memory {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String PEAK = "VmHWM:";

    private Memory() {}

    /** Peak of the resident set where the system tells it, else of the heap. */
    static String peak() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(PEAK)) {
                    String kibibytes =
                            line.substring(PEAK.length()).replace("kB", "").trim();
                    return Size.text(Long.parseLong(kibibytes) * 1024) + " resident";
                }
            }
        } catch (IOException e) {
            // Not Linux.
        }
        long heap = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(Memory::peakOf)
                .sum();
        return Size.text(heap) + " of heap";
    }

    private static long peakOf(MemoryPoolMXBean pool) {
        return pool.getPeakUsage().getUsed();
    }

    static long descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Integer.MAX_VALUE;
    }
}
