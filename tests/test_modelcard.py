import pytest

from ocrcli.modelcard import InputContract, ModelCard


def test_a_card_survives_the_trip_through_json():
    card = ModelCard(
        task="word",
        architecture="crnn-small",
        input=InputContract(1, 32, None, multiple_of=4),
        alphabet=" aé“",
        blank=0,
        stride=4,
        training={"steps": 12},
        scores={"94": 0.5},
    )
    assert ModelCard.from_json(card.to_json()) == card


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "other/1"}', '{"schema": "ocrcli-model/1"}'])
def test_foreign_metadata_is_refused(text):
    with pytest.raises(ValueError):
        ModelCard.from_json(text)
