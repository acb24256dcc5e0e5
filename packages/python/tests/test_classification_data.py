"""Data sets of the classification trainer, in small files of the true formats."""

import sys

import pytest
import torch
from classification_run import make_cifar10
from PIL import Image

from reprise.trainer import UserError
from reprise.trainers.classification import data
from reprise.trainers.classification.data.pictures import read_picture
from reprise.trainers.classification.data.split import divide
from reprise.trainers.classification.streams import philox, split_key


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    return tmp_path


def put(path, colour, size=(8, 6), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path)


def put_cbis(root, tables):
    """CBIS-DDSM with pictures of 16 bits: `tables` file → rows of patient, view, pathology and grey value."""
    header = "patient_id,left or right breast,image view,pathology,image file path"
    for table, rows in tables.items():
        lines = [header]
        for patient, view, pathology, grey in rows:
            path = f"{table[:4]}_{patient}_LEFT_{view}/1.2/1.3/000000.dcm"
            lines.append(f'{patient},LEFT,{view},{pathology},"{path}\n"')
            put(root / "cbis-ddsm" / path.replace(".dcm", ".png"), grey, mode="I;16")
        (root / "cbis-ddsm" / f"{table}.csv").write_text("\n".join(lines) + "\n")


def put_dicom(path, grey, kind="MONOCHROME2", bits=16):
    """A small mammogram of one grey value, in DICOM's explicit little endian form."""
    import numpy
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    found.SOPClassUID, found.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    found.Rows, found.Columns, found.SamplesPerPixel, found.PhotometricInterpretation = 6, 8, 1, kind
    found.BitsAllocated, found.BitsStored, found.HighBit, found.PixelRepresentation = 16, bits, bits - 1, 0
    found.PixelData = numpy.full((6, 8), grey, "uint16").tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    found.save_as(path, enforce_file_format=True)


MAMMOGRAMS = {
    "mass_case_description_train_set": [("P_1", "CC", "MALIGNANT", 40_001), ("P_2", "CC", "BENIGN", 7)],
    "calc_case_description_train_set": [("P_3", "MLO", "BENIGN", 1)],
    "mass_case_description_test_set": [("P_4", "CC", "BENIGN", 2)],
    "calc_case_description_test_set": [("P_5", "CC", "BENIGN", 3)],
}


def test_mammograms_in_dicom_are_read_as_their_conversions_are(root):
    pytest.importorskip("pydicom", reason="DICOM is read where pydicom is installed")
    put_cbis(root, MAMMOGRAMS)
    converted = data.load("cbis-ddsm").read(0)
    for picture in (root / "cbis-ddsm").rglob("000000.png"):
        # As the collection's own downloads call them.
        put_dicom(picture.with_name("1-1.dcm"), 40_001)
        picture.unlink()
    cbis = data.load("cbis-ddsm")
    assert cbis.names[0].endswith("1.3/1-1.dcm") and torch.equal(cbis.read(0), converted)
    put_dicom(root / "white.dcm", 4095 - 400, "MONOCHROME1", bits=12)
    assert read_picture(root / "white.dcm", 3).shape == (3, 6, 8)
    assert read_picture(root / "white.dcm", 1)[0, 0, 0].item() == pytest.approx(400 / 4095)
    (root / "none.dcm").write_bytes(b"nothing")
    with pytest.raises(UserError, match="is damaged or not a DICOM picture"):
        read_picture(root / "none.dcm", 1)


def test_dicom_without_pydicom_names_the_way_out(root, monkeypatch):
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(UserError, match="pydicom is needed to read .*one.dcm") as refused:
        read_picture(root / "one.dcm", 1)
    assert "pip install pydicom" in refused.value.hint and "PNG" in refused.value.hint


def test_philox_gives_the_published_known_answers():
    assert philox((0, 0, 0, 0), (0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
    assert philox((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2) == (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)


def test_the_bundled_sets_are_those_of_the_built_in_trainer():
    wdbc, digits = data.load("wdbc"), data.load("digits")
    assert (len(wdbc.labels), wdbc.labels.count(0), wdbc.read(0).shape) == (569, 212, (30,))
    voice = data.load("parkinson-voice")
    assert (len(voice.labels), voice.labels.count(0), len(set(voice.groups["patient"])), set(voice.subgroups["sex"])) == (
        756,
        3 * 188,
        252,
        {"male", "female"},
    )
    assert (len(digits.labels), digits.read(3).shape, digits.read(3).max().item()) == (1797, (1, 8, 8), 15 / 16)


def test_cifar10_is_read_from_its_binary_version(root):
    assert not next(facts for facts in data.announced() if facts["name"] == "cifar10")["available"]
    make_cifar10(root, 10)
    cifar = data.load("cifar10")
    assert cifar.names[9:11] == ["data_batch_1.bin/9", "data_batch_2.bin/0"]
    assert (cifar.labels[13], cifar.published[49], cifar.published[50]) == (3, 0, 2)
    record = (root / "cifar10" / "cifar-10-batches-bin" / "test_batch.bin").read_bytes()[3073:6146]
    picture = cifar.read(51) * 255
    # Planes of colour, row by row.
    assert [round(picture[channel, 2, 5].item()) for channel in range(3)] == [
        record[1 + 1024 * channel + 2 * 32 + 5] for channel in range(3)
    ]
    with open(root / "cifar10" / "cifar-10-batches-bin" / "data_batch_2.bin", "ab") as file:
        file.write(b"x")
    with pytest.raises(UserError, match="data_batch_2.bin is damaged: 30731 bytes"):
        data.load("cifar10")


def test_sdnet2018_keeps_pieces_of_one_photograph_together(root):
    for surface in "DPW":
        for photo in range(7001, 7005):
            for state in "UC":
                for piece in (1, 2):
                    put(root / "SDNET2018" / surface / f"{state}{surface}" / f"{photo}-{piece}.jpg", (90, 90, 90))
    sdnet = data.load("sdnet2018")
    assert sdnet.names[0] == "D/CD/7001-1.jpg" and sdnet.labels[:9] == [1] * 8 + [0]
    assert sdnet.groups["photo"][0] == "D7001" and sdnet.groups["surface"][-1] == "W"
    parts = divide(sdnet, {"train": 0.5, "validation": 0.25, "test": 0.25, "seed": 1, "groupBy": "photo"}, split_key(1, None))
    photos = [{sdnet.groups["photo"][index] for index in part} for part in parts]
    assert [len(part) for part in parts] == [24, 12, 12]
    assert not photos[0] & photos[1] and not photos[0] & photos[2] and not photos[1] & photos[2]
    with pytest.raises(UserError, match='no group "patient"'):
        divide(sdnet, {"train": 1, "validation": 0, "test": 0, "seed": 1, "groupBy": "patient"}, split_key(1, None))


def test_cbis_ddsm_joins_lesions_of_a_mammogram_and_keeps_16_bits(root):
    put_cbis(
        root,
        {
            "mass_case_description_train_set": [
                ("P_1", "CC", "BENIGN", 40_001),
                ("P_1", "CC", "MALIGNANT", 40_001),
                ("P_2", "CC", "BENIGN_WITHOUT_CALLBACK", 3),
            ],
            "mass_case_description_test_set": [("P_3", "MLO", "MALIGNANT", 5)],
            "calc_case_description_train_set": [("P_4", "CC", "BENIGN", 7)],
            "calc_case_description_test_set": [("P_1", "MLO", "BENIGN", 9)],
        },
    )
    cbis = data.load("cbis-ddsm")
    assert (cbis.labels, cbis.published) == ([1, 0, 1, 0, 0], [0, 0, 2, 0, 2])
    assert cbis.groups["patient"] == ["P_1", "P_2", "P_3", "P_4", "P_1"]
    assert cbis.read(0).shape == (1, 6, 8) and cbis.read(0)[0, 0, 0].item() == torch.tensor(40_001 / 65535).item()
    assert cbis.remarks[0] == "cbis-ddsm was published with 3103 images; 5 are here."
    assert cbis.remarks[1].startswith("1 patients have images in both published parts")
    (root / "cbis-ddsm" / cbis.names[1]).unlink()
    with pytest.raises(UserError, match="line 7 of .*mass_case_description_train_set.csv is missing"):
        data.load("cbis-ddsm")


def test_a_folder_of_pictures_declares_itself(root):
    for folder in ("naevi", "melanomas"):
        for case in range(3):
            put(root / "moles" / folder / f"p{case}_a.png", (case, 0, 0))
    (root / "moles" / "dataset.yaml").write_text(
        'kind: imageFolder\nclasses: { benign: naevi, malignant: melanomas }\npositiveClass: malignant\nimageSize: 16\ngroups: { patient: "/(p[0-9]+)_" }\n'
    )
    facts = data.announced()[-1]
    assert (facts["name"], facts["classes"], facts["positiveClass"], facts["available"]) == ("moles", ["benign", "malignant"], 1, True)
    moles = data.load("moles")
    assert moles.names[3] == "naevi/p0_a.png" and moles.groups["patient"][:3] == ["p0", "p1", "p2"] and moles.size == [16, 16]
    with pytest.raises(UserError, match='no data set "mules"'):
        data.load("mules")


def test_published_parts_must_have_the_shares_that_are_asked_for(root):
    make_cifar10(root, 10)
    cifar = data.load("cifar10")
    split = {"train": 0.75, "validation": 1 / 12, "test": 1 / 6, "seed": 1, "groupBy": None, "published": True}
    train, validation, test = divide(cifar, split, split_key(1, None))
    assert (len(train), len(validation), test) == (45, 5, list(range(50, 60)))
    with pytest.raises(UserError, match="published test part of cifar10 is 0.1667"):
        divide(cifar, {**split, "train": 0.6, "validation": 0.2, "test": 0.2}, split_key(1, None))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("positveClass: a", "positveClass: is unknown"),
        ("positiveClass: c", "'c' must be one of two classes; they are a, b"),
        ("classes: [a]", "classes: at least two names"),
        ("imageSize: 0", "imageSize: 0 must be a whole number"),
        ("channels: 2", "channels: 2 must be 1"),
        ('groups: { patient: "p[0-9]+" }', "groups: each needs a regular expression with a bracket"),
        ("split: { train: 0.5 }", "split: train, validation and test must sum to 1"),
        ("split: { tests: 0.5 }", "split: its keys are"),
        ("classes: {", "cannot be read"),
    ],
)
def test_a_mistake_in_a_declaration_leaves_the_set_out_with_its_reason(root, line, said):
    for folder in "ab":
        (root / "own" / folder).mkdir(parents=True)
    positive = "" if line.startswith("pos") else "positiveClass: a\n"
    (root / "own" / "dataset.yaml").write_text(f"kind: imageFolder\n{positive}{line}\n")
    facts = data.announced()[-1]
    assert (facts["name"], facts["available"]) == ("own", False) and said in facts["hint"]
