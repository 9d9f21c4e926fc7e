"""A wire tap between tracker and broker: carries everything, and notes which fixes the tracker has answered with a PUBACK:
`taken`, as (vehicle, number)."""
import json
import socket
import threading

from harness import mqtt


class Tap:
    def __init__(self, port, broker_port):
        self.broker_port, self.lock = broker_port, threading.Lock()
        self.taken = set()
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                tracker, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(tracker,), daemon=True).start()

    def _serve(self, tracker):
        try:
            broker = socket.create_connection(("127.0.0.1", self.broker_port), 5)
        except OSError:
            tracker.close()
            return
        broker.settimeout(None)
        waiting = {}  # what each message that is not answered yet holds
        for end in (tracker, broker):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=self._carry, args=(tracker, broker, lambda p: self._answered(p, waiting)), daemon=True)
        back.start()
        self._carry(broker, tracker, lambda p: self._sent(p, waiting))
        back.join()
        tracker.close()
        broker.close()

    def _carry(self, source, sink, look):
        """All that came is noted and sent on before the end of it is passed on."""
        decoder = mqtt.Decoder()
        try:
            while data := source.recv(1 << 18):
                for packet in decoder.feed(data):
                    look(packet)
                sink.sendall(data)
        except OSError:
            pass
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _sent(self, packet, waiting):
        if packet.type != mqtt.PUBLISH or not packet.flags & 6:
            return
        message = mqtt.read_publish(packet, 5)
        _, _, vehicle, what = message.topic.split("/")
        if what != "fix":
            return
        fixes = json.loads(message.payload)
        with self.lock:
            waiting[message.packet_id] = [(vehicle, fix["seq"]) for fix in (fixes if isinstance(fixes, list) else [fixes])]

    def _answered(self, packet, waiting):
        if packet.type != mqtt.PUBACK:
            return
        with self.lock:
            self.taken.update(waiting.pop(int.from_bytes(packet.body[:2], "big"), ()))
