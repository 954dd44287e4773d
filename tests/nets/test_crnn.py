import pytest
import torch

from ocrcli.nets.crnn import CRNN, SIZES, behind_left_out, without_blocks


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("batch", "width"), [(1, 16), (2, 100), (7, 36)])
def test_names_a_class_a_column_of_four_pixels(size, batch, width):
    strips = torch.randint(0, 256, (batch, 1, 32, width), dtype=torch.uint8)
    log_probs = CRNN(11, size).eval()(strips)
    assert log_probs.shape == (batch, width // 4, 11)
    torch.testing.assert_close(log_probs.exp().sum(-1), torch.ones(batch, width // 4))


def test_slim_is_small_with_two_blocks_that_pass_on_what_they_get():
    torch.manual_seed(0)
    small, slim = CRNN(11, "small").eval(), CRNN(11, "slim").eval()
    slim.load_state_dict(without_blocks(small.state_dict(), "small", "slim"))
    for block in (6, 8):  # the second of the 112 channels, the one of the 160
        small.backbone[block] = torch.nn.Identity()
    strips = torch.randint(0, 256, (2, 1, 32, 64), dtype=torch.uint8)
    with torch.no_grad():
        torch.testing.assert_close(slim(strips), small(strips))


def test_convolutions_behind_blocks_left_out_are_named_in_both_networks():
    assert behind_left_out("small", "slim") == [
        ("backbone.7.0", "backbone.6.0"),
        ("backbone.9", "backbone.7"),
    ]
    small, slim = CRNN(11, "small"), CRNN(11, "slim")
    for theirs, own in behind_left_out("small", "slim"):
        assert small.get_submodule(theirs).weight.shape == slim.get_submodule(own).weight.shape


@pytest.mark.parametrize(("size", "fewer"), [("slim", "small"), ("small", "tiny"), ("base", "slim")])
def test_networks_that_differ_in_more_than_blocks_left_out_share_no_weights(size, fewer):
    assert without_blocks(CRNN(11, size).state_dict(), size, fewer) is None
