package dev.millpond.async;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A name server that knows what a test told it, and keeps silent where it was told to. */
@SuppressWarnings("AddressSelection") // of literals
final class ScriptedNameServer implements AutoCloseable {

    private static final int A = 1;
    private static final int PTR = 12;
    private static final int AAAA = 28;

    private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    private final Map<String, List<InetAddress>> answers = new ConcurrentHashMap<>();
    private final Map<String, String> pointers = new ConcurrentHashMap<>();
    private final List<String> silent = new CopyOnWriteArrayList<>();
    private final List<String> queries = new CopyOnWriteArrayList<>();
    private final Map<String, Set<Integer>> ports = new ConcurrentHashMap<>();

    /** Answers that are not sent yet; null if they are sent at once. */
    private volatile @Nullable List<DatagramPacket> held;

    ScriptedNameServer() throws IOException {
        Thread thread = new Thread(this::serve, "name-server");
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    ScriptedNameServer answer(String name, String... addresses) throws IOException {
        List<InetAddress> parsed = new CopyOnWriteArrayList<>();
        for (String address : addresses) {
            parsed.add(InetAddress.getByName(address));
        }
        answers.put(name, parsed);
        return this;
    }

    /** A name for an address, asked for as in "4.3.2.1.in-addr.arpa". */
    ScriptedNameServer answerReverse(String question, String host) {
        pointers.put(question, host);
        return this;
    }

    /** Leaves a question open, as "A name" or "AAAA name". */
    ScriptedNameServer ignore(String question) {
        silent.add(question);
        return this;
    }

    /** Keeps answers back until they are to be sent. */
    ScriptedNameServer hold() {
        held = new CopyOnWriteArrayList<>();
        return this;
    }

    List<DatagramPacket> held() {
        return Objects.requireNonNull(held);
    }

    void sendHeld() {
        List<DatagramPacket> answers = held();
        held = null;
        try {
            for (DatagramPacket answer : answers) {
                socket.send(answer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> queries() {
        return queries;
    }

    /** The ports that questions of a type, such as "AAAA", came from. */
    Set<Integer> ports(String type) {
        return ports.computeIfAbsent(type, first -> ConcurrentHashMap.newKeySet());
    }

    private void serve() {
        byte[] room = new byte[1500];
        try {
            while (true) {
                DatagramPacket query = new DatagramPacket(room, room.length);
                socket.receive(query);
                reply(query);
            }
        } catch (SocketException closed) {
            // the test is over
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private void reply(DatagramPacket query) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(query.getData(), 0, query.getLength());
        short id = in.getShort();
        in.position(12);
        StringBuilder name = new StringBuilder();
        for (int length = in.get(); length > 0; length = in.get()) {
            byte[] label = new byte[length];
            in.get(label);
            name.append(name.length() == 0 ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
        }
        int type = in.getShort();
        in.getShort();
        int endOfQuestion = in.position();
        String typeName = type == A ? "A" : type == AAAA ? "AAAA" : type == PTR ? "PTR" : Integer.toString(type);
        String question = typeName + " " + name;
        ports(typeName).add(query.getPort());
        queries.add(question);
        if (silent.contains(question)) {
            return;
        }
        List<byte[]> known = records(type, name.toString());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(12)
                .putShort(id)
                .putShort((short) (known == null ? 0x8183 : 0x8180))
                .putShort((short) 1)
                .putShort((short) (known == null ? 0 : known.size()))
                .array());
        out.write(query.getData(), 12, endOfQuestion - 12);
        for (byte[] bytes : known == null ? List.<byte[]>of() : known) {
            out.writeBytes(ByteBuffer.allocate(12)
                    .putShort((short) 0xC00C)
                    .putShort((short) type)
                    .putShort((short) 1)
                    .putInt(60)
                    .putShort((short) bytes.length)
                    .array());
            out.writeBytes(bytes);
        }
        DatagramPacket answer = new DatagramPacket(out.toByteArray(), out.size(), query.getSocketAddress());
        List<DatagramPacket> later = held;
        if (later == null) {
            socket.send(answer);
        } else {
            later.add(answer);
        }
    }

    /** The contents of the records; null for a name that doesn't exist. */
    private @Nullable List<byte[]> records(int type, String name) {
        if (type == PTR) {
            String pointer = pointers.get(name);
            return pointer == null ? null : List.of(encoded(pointer));
        }
        List<InetAddress> known = answers.get(name);
        return known == null
                ? null
                : known.stream()
                        .map(InetAddress::getAddress)
                        .filter(address -> address.length == (type == A ? 4 : 16))
                        .toList();
    }

    private static byte[] encoded(String name) {
        ByteArrayOutputStream labels = new ByteArrayOutputStream();
        for (String label : name.split("\\.", -1)) {
            labels.write(label.length());
            labels.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        labels.write(0);
        return labels.toByteArray();
    }

    @Override
    public void close() {
        socket.close();
    }
}
