"""The floor of HTTP: the same server and framework, and nothing else."""

from flask import Flask, Response, request


def api() -> Flask:
    app = Flask(__name__)

    @app.post("/v1/cases")
    def echo() -> Response:
        return Response(request.get_data(), 202, content_type="application/json")

    return app
