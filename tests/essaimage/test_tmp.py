import json, time, pathlib, pytest
from essaimage.kit import building, reading, typesetting
from innovations.models import Innovation
from tests.essaimage import kit_world
pytestmark = pytest.mark.django_db
def test_x(client):
    for make in (kit_world.rich, kit_world.empty):
        i = make()
        kit = building.build(reading.gather(Innovation.objects.for_detail().get(pk=i.pk)), kit_world.DAY)
        told = typesetting.payload(kit)
        pathlib.Path(f"/tmp/w/kit6-lab/{i.slug}.json").write_text(told)
        t=time.time()
        pathlib.Path(f"/tmp/w/kit6-lab/{i.slug}.pdf").write_bytes(typesetting.print_pdf(told))
        print(time.time()-t)
        assert client.get(f"/innovations/{i.slug}/kit/").status_code==200
        r = client.get(f"/innovations/{i.slug}/kit.pdf"); print(r.status_code, r.headers)
