import pytest

pytestmark = pytest.mark.django_db


def test_home_renders(client):
    response = client.get("/")
    assert response.status_code == 200, response.content[:500]


def test_404(client):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert response["X-Request-ID"] in response.content.decode()
