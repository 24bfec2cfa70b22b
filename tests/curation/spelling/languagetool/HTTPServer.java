package org.languagetool.server;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Not LanguageTool: a program that starts and stops like its server, to try how it is started and stopped.
 * FAKE_LANGUAGETOOL in the environment says how it behaves, FAKE_FOLDER where it notes what it was given.
 */
public class HTTPServer {
  public static void main(String[] args) throws Exception {
    String how = System.getenv().getOrDefault("FAKE_LANGUAGETOOL", "good");
    Path folder = Path.of(System.getenv("FAKE_FOLDER"));
    int port = Integer.parseInt(args[Arrays.asList(args).indexOf("--port") + 1]);
    Path config = Path.of(args[Arrays.asList(args).indexOf("--config") + 1]);
    Files.writeString(folder.resolve("config"), Files.readString(config));
    Files.writeString(folder.resolve("heap"), Long.toString(Runtime.getRuntime().maxMemory()));
    Files.writeString(folder.resolve("started"), Long.toString(ProcessHandle.current().pid()));
    if (how.equals("crashes")) {
      throw new IllegalStateException("no dictionary in this jar");
    }
    if (how.equals("deaf to SIGTERM")) {
      Runtime.getRuntime().addShutdownHook(new Thread(HTTPServer::sleepLong));
    }
    if (how.equals("never healthy") || how.equals("deaf to SIGTERM")) {
      sleepLong();
    }
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("localhost"), port);
    var server = com.sun.net.httpserver.HttpServer.create(address, 0);
    server.createContext("/v2/healthcheck", exchange -> say(exchange, "OK"));
    server.createContext("/v2/languages", exchange -> say(exchange, "[{\"code\": \"es\", \"longCode\": \"es\"}]"));
    server.createContext("/v2/check", exchange -> {
      String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (how.equals("dies of one text") && asked.contains("mortal")) {
        System.exit(9);
      }
      say(exchange, "{\"software\": {\"name\": \"fake\", \"version\": \"0\"}, \"matches\": []}");
      if (how.equals("dies at work") && Files.exists(folder.resolve("die"))) {
        System.exit(7);
      }
    });
    server.start();
  }

  private static void sleepLong() {
    try {
      Thread.sleep(600_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
