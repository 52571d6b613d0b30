package dev.millpond.benchmarks;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where and with what a run was made. */
public final class Environment {

    private Environment() {}

    public static Map<String, String> of(Collection<Client> clients, String revision) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        environment.put(
                "processor",
                first(Path.of("/proc/cpuinfo"), "model name\\s*: (.*)", System.getProperty("os.arch")) + ", "
                        + Runtime.getRuntime().availableProcessors() + " cores");
        environment.put("memory", (memory() >> 20) + " MiB");
        environment.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        environment.put("JDK", System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"));
        environment.put("Millpond's revision", revision);
        environment.put("Netty", version("netty-common"));
        for (Client client : clients) {
            if (!client.artifact.isEmpty() && client.kind == Client.Kind.PEER) {
                environment.put(client.label, version(client.artifact));
            }
        }
        return environment;
    }

    private static long memory() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }

    private static String first(Path file, String pattern, String otherwise) {
        Pattern compiled = Pattern.compile(pattern);
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(compiled::matcher)
                    .filter(Matcher::matches)
                    .map(matcher -> matcher.group(1))
                    .findFirst()
                    .orElse(otherwise);
        } catch (IOException e) {
            return otherwise;
        }
    }

    /** As the names of the jars on the class path have it. */
    static String version(String artifact) {
        Pattern jar = Pattern.compile(Pattern.quote(artifact) + "-(\\d.*)\\.jar");
        for (String entry : System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1)) {
            Path name = Path.of(entry).getFileName();
            Matcher matcher = jar.matcher(name == null ? "" : name.toString());
            if (matcher.matches()) {
                return matcher.group(1);
            }
        }
        return "unknown";
    }
}
