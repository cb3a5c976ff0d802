import functions_framework


@functions_framework.http
def greet(request):
    return f"Hello, {request.args.get('name', 'framework')}"
