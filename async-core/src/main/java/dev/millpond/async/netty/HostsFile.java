package dev.millpond.async.netty;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which name the hosts file has for an address. Netty reads it for the other direction, and keeps no order. */
final class HostsFile {

    private final Map<InetAddress, String> names = new HashMap<>();

    HostsFile(List<String> lines) {
        for (String line : lines) {
            String[] words = line.replaceFirst("#.*", "").trim().split("\\s+", -1);
            InetAddress address = NetUtil.createInetAddressFromIpAddressString(words[0]);
            if (address != null && words.length > 1) {
                names.putIfAbsent(address, words[1]);
            }
        }
    }

    /** That of the system; empty, if it can't be read. */
    static HostsFile read() {
        String windows = System.getenv("SystemRoot");
        Path path = windows == null ? Path.of("/etc/hosts") : Path.of(windows, "system32", "drivers", "etc", "hosts");
        try {
            return new HostsFile(Files.readAllLines(path, StandardCharsets.ISO_8859_1));
        } catch (IOException unreadable) {
            return new HostsFile(List.of());
        }
    }

    @Nullable
    String name(InetAddress address) {
        return names.get(address);
    }
}
