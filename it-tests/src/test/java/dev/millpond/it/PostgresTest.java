package dev.millpond.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.BridgeSocketFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;

/** PostgreSQL's JDBC driver as it is, over sockets of {@link BridgeSocketFactory}, to a real PostgreSQL. */
@Timeout(120)
class PostgresTest {

    enum Security {
        PLAIN("disable"),
        TLS("verify-full");

        final String mode;

        Security(String mode) {
            this.mode = mode;
        }
    }

    private static final AsyncCore CORE = AsyncCore.shared();
    private static Optional<PostgresServer> postgres = Optional.empty();

    private long openBefore;

    @BeforeAll
    static void start() throws Exception {
        postgres = PostgresServer.start();
        assumeTrue(postgres.isPresent(), "PostgreSQL is not installed");
    }

    @AfterAll
    static void stop() {
        postgres.ifPresent(PostgresServer::close);
        CORE.close();
    }

    @BeforeEach
    void noteWhatOthersHaveOpen() {
        openBefore = CORE.stats().open();
    }

    @AfterEach
    @Timeout(60)
    void noConnectionIsLeft() throws InterruptedException {
        while (CORE.stats().open() > openBefore) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private static Connection connect(Security security) throws SQLException {
        Properties settings = new Properties();
        settings.setProperty("socketFactory", BridgeSocketFactory.class.getName());
        long before = CORE.stats().connected();
        Connection connection = connect(security, settings);
        assertThat(CORE.stats().connected()).isGreaterThan(before);
        return connection;
    }

    /** Over the JDK's own sockets, to look at the server from outside. */
    private static Connection stock() throws SQLException {
        return connect(Security.PLAIN, new Properties());
    }

    private static Connection connect(Security security, Properties settings) throws SQLException {
        PostgresServer server = postgres.orElseThrow();
        settings.setProperty("user", PostgresServer.USER);
        settings.setProperty("password", server.password);
        settings.setProperty("sslmode", security.mode);
        settings.setProperty("sslrootcert", server.authority().toString());
        return DriverManager.getConnection(server.url(), settings);
    }

    private static String single(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            assertThat(result.next()).isTrue();
            return result.getString(1);
        }
    }

    private static int backend(Connection connection) {
        return ((PGConnection) connection).getBackendPID();
    }

    /** Runs a query that takes long on another thread; done when the server has begun with it. */
    private static CompletableFuture<Void> sleeping(Connection connection, Statement statement) throws Exception {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                statement.execute("SELECT pg_sleep(600)");
                ended.complete(null);
            } catch (SQLException e) {
                ended.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        try (Connection observer = stock()) {
            while (!single(
                            observer,
                            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = "
                                    + backend(connection))
                    .equals("1")) {
                assertThat(ended).isNotDone();
            }
        }
        return ended;
    }

    private static void assertState(CompletableFuture<Void> ended, String state) {
        assertThatThrownBy(ended::get).cause().isInstanceOfSatisfying(SQLException.class, e -> assertThat(
                        e.getSQLState())
                .isEqualTo(state));
    }

    @ParameterizedTest
    @EnumSource
    void statementsAndTransactions(Security security) throws Exception {
        try (Connection connection = connect(security);
                Statement statement = connection.createStatement()) {
            assertThat(single(connection, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
                    .isEqualTo(security == Security.TLS ? "t" : "f");
            statement.execute("CREATE TEMPORARY TABLE pond (id int PRIMARY KEY, name text)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO pond VALUES (?, ?)")) {
                // More than is on its way at once, both ways.
                for (int id = 0; id < 20_000; id++) {
                    insert.setInt(1, id);
                    insert.setString(2, "fish " + id);
                    insert.addBatch();
                }
                assertThat(insert.executeBatch()).hasSize(20_000).containsOnly(1);
            }
            connection.setAutoCommit(false);
            statement.execute("DELETE FROM pond");
            connection.rollback();
            assertThat(single(connection, "SELECT count(*) FROM pond")).isEqualTo("20000");
            assertThat(single(connection, "SELECT name FROM pond WHERE id = 19999"))
                    .isEqualTo("fish 19999");
        }
    }

    @ParameterizedTest
    @EnumSource
    void largeResultsWholeAndInPortions(Security security) throws Exception {
        try (Connection connection = connect(security);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int fetchSize : new int[] {0, 777}) {
                statement.setFetchSize(fetchSize);
                ResultSet rows =
                        statement.executeQuery("SELECT i, repeat(i::text, 200) FROM generate_series(1, 50000) AS i");
                int count = 0;
                while (rows.next()) {
                    count++;
                    assertThat(rows.getInt(1)).isEqualTo(count);
                    assertThat(rows.getString(2))
                            .isEqualTo(String.valueOf(count).repeat(200));
                }
                assertThat(count).isEqualTo(50_000);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void copyInAndOut(Security security) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 200_000; i++) {
            lines.append(i).append('\t').append("fish ".repeat(i % 20)).append('\n');
        }
        byte[] sent = lines.toString().getBytes(StandardCharsets.UTF_8);
        try (Connection connection = connect(security);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMPORARY TABLE pond (id int, name text)");
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            assertThat(copy.copyIn("COPY pond FROM STDIN", new ByteArrayInputStream(sent)))
                    .isEqualTo(200_000);
            ByteArrayOutputStream received = new ByteArrayOutputStream(sent.length);
            assertThat(copy.copyOut("COPY (SELECT * FROM pond ORDER BY id) TO STDOUT", received))
                    .isEqualTo(200_000);
            assertThat(received.toByteArray()).isEqualTo(sent);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aQueryIsCancelledFromAnotherThread(Security security) throws Exception {
        try (Connection connection = connect(security);
                Statement statement = connection.createStatement()) {
            CompletableFuture<Void> sleeping = sleeping(connection, statement);
            statement.cancel();
            assertState(sleeping, "57014");
            assertThat(single(connection, "SELECT 'still there'")).isEqualTo("still there");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aQueryThatTakesTooLongIsCancelled(Security security) throws Exception {
        try (Connection connection = connect(security);
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(3); // a cancel that overtakes the query cancels nothing
            SQLException timeout =
                    catchThrowableOfType(SQLException.class, () -> statement.execute("SELECT pg_sleep(600)"));
            assertThat(timeout.getSQLState()).isEqualTo("57014");
            assertThat(single(connection, "SELECT 'still there'")).isEqualTo("still there");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatIsSilentForTooLongIsLeft(Security security) throws Exception {
        try (Connection connection = connect(security);
                Statement statement = connection.createStatement()) {
            // From here on: how long it takes to connect is another matter.
            connection.setNetworkTimeout(Runnable::run, 1000);
            SQLException timeout =
                    catchThrowableOfType(SQLException.class, () -> statement.execute("SELECT pg_sleep(600)"));
            assertThat(timeout.getSQLState()).isEqualTo("08006");
            assertThat(timeout.getCause()).isInstanceOf(SocketTimeoutException.class);
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void notificationsArePolledWithoutBlocking(Security security) throws Exception {
        try (Connection connection = connect(security);
                Statement statement = connection.createStatement();
                Connection other = stock();
                Statement notifying = other.createStatement()) {
            statement.execute("LISTEN pond");
            PGConnection listening = connection.unwrap(PGConnection.class);
            assertThat(listening.getNotifications()).isNullOrEmpty();

            notifying.execute("NOTIFY pond, 'ripple'");
            PGNotification[] polled = listening.getNotifications();
            while (polled == null || polled.length == 0) {
                polled = listening.getNotifications();
            }
            assertThat(polled).extracting(PGNotification::getParameter).containsExactly("ripple");

            assertThat(listening.getNotifications(100)).isNullOrEmpty();
            CompletableFuture<PGNotification[]> waiting = new CompletableFuture<>();
            Thread waiter = new Thread(() -> {
                try {
                    waiting.complete(listening.getNotifications(0));
                } catch (SQLException e) {
                    waiting.completeExceptionally(e);
                }
            });
            waiter.start();
            notifying.execute("NOTIFY pond, 'wave'");
            assertThat(waiting.get()).extracting(PGNotification::getParameter).containsExactly("wave");
            assertThat(single(connection, "SELECT 'still there'")).isEqualTo("still there");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsClosedFromAnotherThread(Security security) throws Exception {
        try (Connection connection = connect(security);
                Statement statement = connection.createStatement()) {
            CompletableFuture<Void> sleeping = sleeping(connection, statement);
            connection.abort(Runnable::run);
            assertState(sleeping, "08006");
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatEndsTheConnectionIsHeard(Security security) throws Exception {
        try (Connection connection = connect(security);
                Statement statement = connection.createStatement();
                Connection other = stock()) {
            CompletableFuture<Void> sleeping = sleeping(connection, statement);
            assertThat(single(other, "SELECT pg_terminate_backend(" + backend(connection) + ")"))
                    .isEqualTo("t");
            assertState(sleeping, "57P01");
            assertThat(connection.isClosed()).isTrue();
        }
    }
}
