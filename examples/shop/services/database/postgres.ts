import { createServer, type Socket } from "node:net";
import { PGlite } from "@electric-sql/pglite";

/**
 * PGlite behind a Postgres socket, for many connections. PGlite has one session, so a connection
 * owns it from the first message of a statement until Postgres is ready again and outside a
 * transaction. (The socket server that comes with PGlite takes turns message by message; with
 * several pools, transactions and failing statements at once it stopped answering.)
 * Returns a function that stops it.
 */
export async function startPostgres(port: number): Promise<() => void> {
  const db = await PGlite.create();
  const session = new Session(db);
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    const connection = new Connection(socket, session);
    socket.on("data", (bytes) => connection.receive(bytes));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => session.leave(connection));
  });
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", done);
  });
  return () => {
    server.close();
  };
}

/** Whose turn it is on the one session. */
class Session {
  readonly #db: PGlite;
  readonly #queue: { connection: Connection; message: Uint8Array }[] = [];
  #owner: Connection | null = null;
  #running = false;

  constructor(db: PGlite) {
    this.#db = db;
  }

  submit(connection: Connection, message: Uint8Array): void {
    this.#queue.push({ connection, message });
    void this.#run();
  }

  /** A connection is gone: forget what it wanted, and end the transaction that it left open. */
  leave(connection: Connection): void {
    for (let at = this.#queue.length - 1; at >= 0; at -= 1) {
      if (this.#queue[at]?.connection === connection) this.#queue.splice(at, 1);
    }
    if (this.#owner === connection) this.submit(connection, simpleQuery("ROLLBACK"));
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (;;) {
      const owner = this.#owner;
      const at = owner ? this.#queue.findIndex((item) => item.connection === owner) : 0;
      const [next] = at < 0 ? [] : this.#queue.splice(at, 1);
      if (!next) break;
      const status = await this.#execute(next.connection, next.message);
      this.#owner = status === "idle" ? null : next.connection;
    }
    this.#running = false;
  }

  async #execute(connection: Connection, message: Uint8Array): Promise<"idle" | "transaction"> {
    const answer = await this.#db.execProtocolRaw(message);
    connection.send(answer);
    return this.#db.isInTransaction() ? "transaction" : "idle";
  }
}

const sslRequest = 80_877_103;
const syncMessage = "S".charCodeAt(0);
const queryMessage = "Q".charCodeAt(0);
const terminateMessage = "X".charCodeAt(0);

/** Cuts the byte stream of one client into units that end where Postgres answers with "ready". */
class Connection {
  readonly #socket: Socket;
  readonly #session: Session;
  #buffer: Buffer = Buffer.alloc(0);
  #unit: Buffer[] = [];
  #started = false;

  constructor(socket: Socket, session: Session) {
    this.#socket = socket;
    this.#session = session;
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  receive(bytes: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    for (let message = this.#next(); message; message = this.#next()) this.#take(message);
  }

  #take(message: Buffer): void {
    if (!this.#started) {
      this.#greet(message);
    } else if (message[0] === terminateMessage) {
      this.#socket.end();
    } else {
      this.#unit.push(message);
      if (message[0] !== syncMessage && message[0] !== queryMessage) return;
      const unit = Buffer.concat(this.#unit);
      this.#unit = [];
      this.#session.submit(this, unit);
    }
  }

  #greet(message: Buffer): void {
    if (message.readInt32BE(4) === sslRequest) {
      this.send(Buffer.from("N"));
    } else {
      this.#started = true;
      this.#session.submit(this, message);
    }
  }

  /** The next whole message; the first of a connection has no type byte. */
  #next(): Buffer | null {
    const header = this.#started ? 1 : 0;
    if (this.#buffer.length < header + 4) return null;
    const length = header + this.#buffer.readInt32BE(header);
    if (this.#buffer.length < length) return null;
    const message = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return message;
  }
}

function simpleQuery(sql: string): Uint8Array {
  const text = Buffer.from(`${sql}\0`);
  const message = Buffer.alloc(5 + text.length);
  message[0] = queryMessage;
  message.writeInt32BE(4 + text.length, 1);
  text.copy(message, 5);
  return message;
}
