"""Stories: what each account says, and whom an edit asks for a new signature."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from channels.contract import Severity
from scheduler import events
from scheduler.content import unpack
from scheduler.desk import media, posts, story, views
from scheduler.errors import Conflict, FabuError, InputError, NotAllowed, NotFound
from scheduler.people import Actor, Role
from scheduler.store.rules import DELIVERY, may_leave
from tests.desk.conftest import BY_HAND, TEXT, WECHAT, WEIBO, Desk, channel_of
from tests.desk.test_intake import EXAMPLES

MORE_BODY = TEXT.replace("打开进出口。", "打开进出口！")
MORE_WEIBO = TEXT.replace('后作业。"\npictures', '后作业！"\npictures')


def contents(desk: Desk, story_id: int):
    with desk.store.read() as tx:
        return {
            name: unpack(post.content, lambda sha256: media.picture(tx, sha256))
            for name, post in desk.posts(story_id).items()
        }


def test_weibo_and_wechat_say_each_their_own(desk: Desk):
    """Weibo has the text, the link and the listed picture; WeChat the article."""
    said = contents(desk, desk.add())
    weibo, wechat = said[WEIBO], said[WECHAT]
    assert "有限空间作业三步走：先通风、再检测、后作业。" == weibo.text
    assert ("", "", None) == (weibo.body, weibo.title, weibo.cover)
    assert "https://www.example.gov.cn/a.html" == weibo.link == wechat.link
    assert ("post", "publish") == (weibo.how, wechat.how)
    assert ("有限空间作业三步走", "示例应急", "") == (wechat.title, wechat.author, wechat.text)
    assert wechat.cover is not None
    assert ["风机"] == [one.alt for one in wechat.pictures]


def test_manual_account_gets_everything(desk: Desk):
    """A person who publishes by hand finds the article, the short text and all pictures."""
    desk.channels[BY_HAND] = channel_of(BY_HAND, "manual", desk.clock)
    said = contents(desk, desk.add())[BY_HAND]
    assert "有限空间作业三步走" == said.title
    assert said.text
    assert said.body
    assert "hand" == said.how
    assert 1 == len(said.pictures)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_story_has_nothing_that_must_be_mended(desk: Desk, path):
    """Every story we ship can be submitted for both accounts."""
    from scheduler.desk import intake

    with desk.store.write() as tx:
        draft = intake.read(path, story.column_paths(tx))
        saved = story.add(tx, draft, desk.channels, now=desk.now, actor=desk.author)
        found = story.findings(tx, saved.story_id, desk.channels)
    assert [] == story.must_of(found)
    assert [WEIBO, WECHAT] == list(saved.added)


def test_pictures_beyond_the_channels_number_are_left_out_and_said(desk: Desk):
    """Weibo takes one picture from programs: the first goes out, and the author hears of it."""
    text = TEXT.replace('pictures = ["body.png"]', 'pictures = ["body.png", "cover.jpg"]')
    with desk.store.write() as tx:
        saved = story.add(tx, desk.read(text), desk.channels, now=desk.now, actor=desk.author)
    assert [(WEIBO, Severity.hint)] == [(name, one.severity) for name, one in saved.notes]
    assert 1 == len(contents(desk, saved.story_id)[WEIBO].pictures)


def test_how_comes_from_the_file_before_the_account(desk: Desk):
    """`how` is part of what is signed, so it must not come from two places at once."""
    said = contents(desk, desk.add(TEXT.replace("[weibo]", '[wechat]\nhow = "push"\n[weibo]')))
    assert "push" == said[WECHAT].how


def test_how_the_channel_does_not_have_is_refused(desk: Desk):
    """A slip of the pen is no way of sending."""
    with pytest.raises(InputError) as caught:
        desk.add(TEXT.replace("[weibo]", '[wechat]\nhow = "pusch"\n[weibo]'))
    assert "Did you mean push?" in str(caught.value)


def test_origin_left_open_comes_from_the_column(desk: Desk):
    """推送新闻 is a reprint by default."""
    story_id = desk.add(TEXT.replace('"安全科普"', '"推送新闻"'))
    assert {"reprint"} == {one.origin for one in contents(desk, story_id).values()}
    assert {"reprint"} == {post.origin for post in desk.posts(story_id).values()}


def test_account_list_of_the_file_chooses(desk: Desk):
    """A story for WeChat only makes one post."""
    story_id = desk.add(TEXT.replace("author =", f'accounts = ["{WECHAT}"]\nauthor ='))
    assert [WECHAT] == list(desk.posts(story_id))


def test_unknown_account_is_refused_with_the_nearest(desk: Desk):
    """No post is made for an account nobody configured."""
    with pytest.raises(InputError) as caught:
        desk.add(TEXT.replace("author =", 'accounts = ["wechat-mian"]\nauthor ='))
    assert f"Did you mean {WECHAT}?" in str(caught.value)


def test_same_file_twice_is_refused(desk: Desk):
    """Adding a folder again makes no second story of each."""
    desk.add()
    with pytest.raises(Conflict) as caught:
        desk.add()
    assert "--again" in str(caught.value)


def test_reviewer_alone_may_not_write(desk: Desk):
    """Roles do not contain each other."""
    only = Actor(desk.reviewer.id, "李强", frozenset({Role.reviewer}))
    with desk.store.write() as tx, pytest.raises(NotAllowed):
        story.add(tx, desk.read(), desk.channels, now=desk.now, actor=only)


def test_one_character_in_the_body_voids_the_article_only(desk: Desk):
    """The Weibo text says what it said: it stays signed."""
    story_id = desk.approved()
    assert {WEIBO: True, WECHAT: True} == desk.signed(story_id)
    saved = desk.edit(story_id, MORE_BODY)
    assert ((WECHAT,), (WEIBO,)) == (saved.changed, saved.unchanged)
    assert {WEIBO: True, WECHAT: False} == desk.signed(story_id)
    post = desk.posts(story_id)[WECHAT]
    assert (None, None) == (post.approved_digest, post.approved_until)


def test_one_character_in_the_weibo_text_voids_weibo_only(desk: Desk):
    """The other way round."""
    story_id = desk.approved()
    desk.edit(story_id, MORE_WEIBO)
    assert {WEIBO: False, WECHAT: True} == desk.signed(story_id)


def test_other_bytes_under_the_same_picture_name_void_the_signature(desk: Desk):
    """A picture is what it shows, not what it is called."""
    from tests.desk.conftest import picture_bytes

    story_id = desk.approved()
    (desk.folder / "cover.jpg").write_bytes(picture_bytes(tone=200))
    assert (WECHAT,) == desk.edit(story_id, TEXT).changed


def test_new_title_stands_on_the_posts_too(desk: Desk):
    """Reports and listings name a post by its own title; Weibo's text does not hold it."""
    story_id = desk.approved()
    desk.edit(story_id, TEXT.replace('三步走"', '四步走"'))
    titles = {post.title for post in desk.posts(story_id).values()}
    assert {"有限空间作业四步走"} == titles
    assert {WEIBO: True, WECHAT: False} == desk.signed(story_id)


def test_edit_that_changes_nothing_keeps_every_signature(desk: Desk):
    """Another column is no other text; the posts are counted there from now on."""
    story_id = desk.approved()
    saved = desk.edit(story_id, TEXT.replace('"安全科普"', '"政务信息/安监动态"'))
    assert () == saved.changed
    assert {WEIBO: True, WECHAT: True} == desk.signed(story_id)
    with desk.store.read() as tx:
        seen = views.show(tx, story_id)
        assert ("approved", "政务信息/安监动态") == (seen.review, seen.column)
        paths = select(posts.COLUMN.c.path).join(
            posts.POST, posts.POST.c.column_id == posts.COLUMN.c.id
        )
        assert {"政务信息/安监动态"} == set(tx.execute(paths).scalars())


def leaves(desk: Desk, delivery_id: int) -> bool:
    with desk.store.read() as tx:
        mine = select(DELIVERY.c.id).where(
            DELIVERY.c.id == delivery_id, may_leave(DELIVERY, desk.now)
        )
        return tx.execute(mine).first() is not None


def test_edit_of_a_queued_post_stops_it_and_says_so_in_the_history(desk: Desk):
    """The signature is void also when the post is already scheduled."""
    story_id = desk.approved()
    delivery_id = desk.queue(story_id, WECHAT)
    assert leaves(desk, delivery_id)
    desk.edit(story_id, MORE_BODY)
    assert not leaves(desk, delivery_id)
    with desk.store.read() as tx:
        verbs = [line.verb for line in events.of_subject(tx, "delivery", delivery_id)]
        post_id = desk.posts(story_id)[WECHAT].id
        edits = events.of_subject(tx, "post", post_id)
    assert ["add", "freeze", "edit"] == verbs
    assert ["signature_void"] == [line.code for line in edits]


def put(desk: Desk, delivery_id: int, **values: object) -> None:
    with desk.store.write() as tx:
        tx.execute(update(DELIVERY).where(DELIVERY.c.id == delivery_id).values(**values))


UNDER_WAY = {
    "armed": {"state": "publishing", "armed": True},
    "accepted": {"state": "accepted", "accepted_by": "platform"},
    "uncertain": {"state": "uncertain", "doubted": True},
}


@pytest.mark.parametrize("values", UNDER_WAY.values(), ids=UNDER_WAY.keys())
def test_edit_of_a_post_under_way_is_refused_whole(desk: Desk, values):
    """Its bytes may be needed to say what is out; the other account is not changed either."""
    story_id = desk.approved()
    delivery_id = desk.queue(story_id, WECHAT)
    values = dict(values)
    if values.pop("armed", False):
        values |= {"armed_at": desk.now, "lease_until": desk.now}
    if values.pop("doubted", False):
        values |= {"doubted_at": desk.now}
    put(desk, delivery_id, **values)
    before = desk.posts(story_id)
    with pytest.raises(Conflict) as caught:
        desk.edit(story_id, MORE_BODY.replace('后作业。"\npictures', '后作业！"\npictures'))
    assert f"delivery {delivery_id}" in str(caught.value)
    assert before == desk.posts(story_id)


def test_edit_while_preparing_is_taken_and_stops_the_arm(desk: Desk):
    """Claimed but not armed: the edit goes in, and the guard of arm finds no signature."""
    story_id = desk.approved()
    delivery_id = desk.queue(story_id, WECHAT)
    put(desk, delivery_id, state="publishing", lease_until=desk.now)
    desk.edit(story_id, MORE_BODY)
    assert not leaves(desk, delivery_id)
    assert "publishing" == desk.delivery(delivery_id).state


def test_edit_of_another_accounts_text_goes_in_while_one_is_under_way(desk: Desk):
    """Only the post that would change is asked for."""
    story_id = desk.approved()
    put(desk, desk.queue(story_id, WECHAT), state="accepted", accepted_by="platform")
    assert (WEIBO,) == desk.edit(story_id, MORE_WEIBO).changed


def test_published_post_is_left_as_it_is(desk: Desk):
    """What is out cannot be edited: a correction is a new story."""
    story_id = desk.approved()
    desk.publish(story_id, WECHAT)
    before = desk.posts(story_id)[WECHAT]
    saved = desk.edit(story_id, MORE_BODY)
    assert ((WECHAT,), ()) == (saved.left, saved.changed)
    assert before == desk.posts(story_id)[WECHAT]


def test_account_newly_named_is_added_and_one_left_out_is_said(desk: Desk):
    """A file that names accounts adds to them; nothing is taken away silently."""
    story_id = desk.approved()
    desk.channels[BY_HAND] = channel_of(BY_HAND, "manual", desk.clock)
    named = TEXT.replace("author =", f'accounts = ["{WECHAT}", "{BY_HAND}"]\nauthor =')
    saved = desk.edit(story_id, named)
    assert ((BY_HAND,), (WEIBO,)) == (saved.added, saved.unnamed)
    assert {WEIBO: True, WECHAT: True, BY_HAND: False} == desk.signed(story_id)


def test_account_that_left_the_configuration_stops_the_edit(desk: Desk):
    """Its old text must not stay signed unseen."""
    story_id = desk.approved()
    del desk.channels[WEIBO]
    with pytest.raises(Conflict) as caught:
        desk.edit(story_id, MORE_BODY)
    assert f"fabu story drop {story_id} {WEIBO}" in str(caught.value)


def drop(desk: Desk, story_id: int, account: str) -> None:
    with desk.store.write() as tx:
        story.drop_account(tx, story_id, account, now=desk.now, actor=desk.author)


def test_dropped_account_loses_its_signature_and_can_be_added_again(desk: Desk):
    """The other account stays signed."""
    story_id = desk.approved()
    drop(desk, story_id, WEIBO)
    assert {WECHAT: True} == desk.signed(story_id)
    desk.edit(story_id, TEXT.replace("author =", f'accounts = ["{WEIBO}"]\nauthor ='))
    assert {WECHAT: True, WEIBO: False} == desk.signed(story_id)


def test_account_in_the_queue_or_out_cannot_be_dropped(desk: Desk):
    """First the delivery is cancelled; what is out can only be taken back."""
    story_id = desk.approved()
    delivery_id = desk.queue(story_id, WECHAT)
    with pytest.raises(Conflict) as caught:
        drop(desk, story_id, WECHAT)
    assert f"fabu queue cancel {delivery_id}" in str(caught.value)
    desk.publish(story_id, WECHAT)
    with pytest.raises(Conflict) as caught:
        drop(desk, story_id, WECHAT)
    assert "out already" in str(caught.value)


def test_unknown_story_is_not_found(desk: Desk):
    """Every verb says so in the same words."""
    verbs = (
        lambda: desk.edit(99, TEXT),
        lambda: desk.submit(99),
        lambda: desk.approve(99),
        lambda: drop(desk, 99, WEIBO),
    )
    for verb in verbs:
        with pytest.raises(FabuError) as caught:
            verb()
        assert isinstance(caught.value, NotFound)


def test_list_counts_signed_and_published_posts(desk: Desk):
    """What a listing says is what the posts say."""
    first = desk.approved()
    desk.publish(first, WEIBO)
    second = desk.add(TEXT.replace('三步走"', '四步走"'))
    with desk.store.read() as tx:
        listed = {one.id: one for one in views.list_stories(tx)}
        drafts = [one.id for one in views.list_stories(tx, review="draft")]
        with pytest.raises(InputError):
            views.list_stories(tx, review="signed")
    assert ("approved", 2, 2, 1) == (
        listed[first].review, listed[first].posts, listed[first].signed, listed[first].out,
    )  # fmt: skip
    assert [second] == drafts
