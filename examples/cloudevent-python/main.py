def receive(event):
    return {"type": event["type"], "source": event["source"], "data": event.data}
