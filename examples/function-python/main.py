def greet(request):
    return f"Hello, {request.query.get('name', 'world')}"
