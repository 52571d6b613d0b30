package dev.millpond.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "millpond",
        description = "HTTP responses, complete before anybody reads them.",
        subcommands = {FetchCommand.class, DemoCommand.class},
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class Main implements Runnable {

    /** A failed exchange, and any other failure that is nobody's bad usage. */
    static final int FAILED = 1;

    private static final int USAGE = 2;

    @Spec
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main())
                .registerConverter(java.time.Duration.class, Durations::parse)
                .setExpandAtFiles(false) // -d @FILE is not for picocli to read
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Main::badUsage)
                .setExecutionExceptionHandler(Main::failed);
        line.setErr(new PrintWriter(System.err, true, Charset.defaultCharset()));
        return line;
    }

    private static int badUsage(ParameterException failure, String[] args) {
        CommandLine line = failure.getCommandLine();
        line.getErr().println("millpond: " + failure.getMessage());
        line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return USAGE;
    }

    private static int failed(Exception failure, CommandLine line, CommandLine.ParseResult parsed) {
        line.getErr().println("millpond: " + Failures.reason(failure));
        return FAILED;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command: fetch or demo");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"millpond " + (version == null ? "(development)" : version)};
        }
    }
}
