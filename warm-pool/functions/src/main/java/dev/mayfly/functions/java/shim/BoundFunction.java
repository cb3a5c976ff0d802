package dev.mayfly.functions.java.shim;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The message that makes a process without a function one with a function, once.
 *
 * @param environment the whole of it
 */
record BoundFunction(List<String> arguments, Map<String, String> environment, String directory) {
    private static final int MESSAGE_BYTES_MAX = 192 * 1024;
    private static final int PIECE_BYTES = 16 * 1024;

    /** A message is wrong. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String what) {
            super("bind message: " + what, null, false, false);
        }
    }

    /** Waits for it on the descriptor and closes that. Empty: the other side has none for us. */
    static Optional<BoundFunction> await(int control) throws IOException, Wrong {
        byte[] message = read(control);
        OwnProcess.shut(control); // Before anything of the tenant runs: nobody can bind this process again.
        return message.length == 0 ? Optional.empty() : Optional.of(parse(message));
    }

    private static byte[] read(int control) throws IOException, Wrong {
        ByteArrayOutputStream message = new ByteArrayOutputStream(PIECE_BYTES);
        byte[] piece = new byte[PIECE_BYTES];
        for (int got = OwnProcess.readSome(control, piece); got > 0; got = OwnProcess.readSome(control, piece)) {
            message.write(piece, 0, got);
            if (message.size() > MESSAGE_BYTES_MAX) {
                throw new Wrong("more than " + MESSAGE_BYTES_MAX + " bytes");
            }
        }
        Arrays.fill(piece, (byte) 0); // There may be secrets in it.
        return message.toByteArray();
    }

    static BoundFunction parse(byte[] message) throws Wrong {
        Map<String, String> members;
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(message))
                    .toString();
            members = JsonText.members(text);
        } catch (CharacterCodingException e) {
            throw new Wrong("no JSON (not in UTF-8)");
        } catch (FunctionCall.BadRequest e) {
            String why = String.valueOf(e.getMessage());
            throw new Wrong(why.equals(JsonText.NO_OBJECT) ? "no JSON object" : "no " + why);
        }
        return new BoundFunction(arguments(members), environment(members), directory(members));
    }

    private static List<String> arguments(Map<String, String> members) throws Wrong {
        List<String> arguments = new ArrayList<>();
        try {
            for (String each : JsonText.elements(members.getOrDefault("argv", "null"))) {
                arguments.add(text(each));
            }
            return arguments;
        } catch (FunctionCall.BadRequest e) {
            throw new Wrong("argv (expected: a list of texts)");
        }
    }

    private static Map<String, String> environment(Map<String, String> members) throws Wrong {
        Map<String, String> values;
        try {
            values = JsonText.members(members.getOrDefault("env", "null"));
        } catch (FunctionCall.BadRequest e) {
            throw new Wrong("env (expected: an object of texts)");
        }
        Map<String, String> environment = new LinkedHashMap<>();
        for (Map.Entry<String, String> each : values.entrySet()) {
            String name = each.getKey();
            try {
                String value = text(each.getValue());
                if (!name.isEmpty() && name.indexOf('=') < 0 && (name + value).indexOf('\0') < 0) {
                    environment.put(name, value);
                    continue;
                }
            } catch (FunctionCall.BadRequest e) {
                // Said below.
            }
            throw new Wrong("env." + name + " (expected: a text without NUL under a name without '=')");
        }
        return environment;
    }

    private static String directory(Map<String, String> members) throws Wrong {
        String json = members.getOrDefault("cwd", "nothing");
        try {
            String directory = text(json);
            if (directory.startsWith("/")) {
                return directory;
            }
        } catch (FunctionCall.BadRequest e) {
            // Said below.
        }
        throw new Wrong("cwd: " + json + " (expected: an absolute path)");
    }

    private static String text(String json) throws FunctionCall.BadRequest {
        if (!JsonText.isText(json)) {
            throw new FunctionCall.BadRequest("no text");
        }
        return JsonText.text(json);
    }

    /** Makes this process what the message says, as far as that is not its code. */
    void adopt(Map<String, String> before) throws IOException, Wrong {
        // Java takes its directory at its start and keeps that, for paths that are relative.
        String here = System.getProperty("user.dir", "");
        if (!directory.equals(here)) {
            throw new Wrong("cwd: '" + directory + "' (expected: '" + here + "', where this process was started)");
        }
        try {
            OwnProcess.enter(directory); // Another directory may have been mounted there since.
            OwnProcess.replaceEnvironment(environment);
        } catch (IOException e) {
            throw new Wrong("it cannot be done: " + e.getMessage());
        }
        if (!seen(System.getenv())) {
            throw new Wrong("env: this Java had read its environment before (expected: at the first System.getenv())");
        }
        // Java asks HOME for a user who is in no file of the system's, as those of instances are.
        String home = environment.get("HOME");
        if (home != null && System.getProperty("user.home", "").equals(before.get("HOME"))) {
            System.setProperty("user.home", home);
        }
    }

    /** Whether it is the environment of the message. Java reads only what its locale can write: LANG says more than we may. */
    private boolean seen(Map<String, String> copy) {
        for (Map.Entry<String, String> each : environment.entrySet()) {
            boolean plain = (each.getKey() + each.getValue()).chars().allMatch(c -> c < 128);
            if (plain && !each.getValue().equals(copy.get(each.getKey()))) {
                return false;
            }
        }
        return copy.size() == environment.size();
    }

    /** Without the environment, which may hold secrets. */
    @Override
    public String toString() {
        return "Binding" + arguments;
    }
}
