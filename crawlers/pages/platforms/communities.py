"""Question sites and community platforms, whose markup names its parts; one row of paths each."""

from __future__ import annotations

from crawlers.pages.platforms.platform import Platform

__all__ = ["COMMUNITIES"]

COMMUNITIES = (
    Platform(
        name="discourse",
        signs=("crawler-post", "topic-post", "cooked"),
        post="//div{crawler-post} | //article[@data-post-id]",
        body=".//div{post or cooked}",
        author=".//span{creator}//*[@itemprop='name'] | .//*{creator}//a | .//*{creator} | .//div{names}//a",
        title="//div[@id='topic-title']//h1 | //*[@id='topic-title'] | //h1{crawler-topic-title} | //h1",
        noise=".//aside{quote} | .//div{meta} | .//div{lightbox-wrapper}//div",
        label="(//span{category-name})[last()] | (//span{badge-category__name})[last()]",
        votes=".//*[@itemprop='interactionStatistic'][*[contains(concat(@content, @href), 'LikeAction')]]"
        "/*[@itemprop='userInteractionCount']/@content | .//button{like-count}",
        accepted="self::*{accepted-answer or post--accepted} | self::*[@itemprop='acceptedAnswer']"
        " | .//*{accepted-answer or accepted-text}",
        cite=".//aside{quote}/@data-username",
        date=".//time{post-time} | .//span{crawler-post-infos} | .//div{post-date}//span",
        marks=True,
    ),
    Platform(
        name="stackexchange",
        signs=("post-text", "js-post-body"),
        post="//div[@id='question'] | //div{answer}[@data-answerid or starts-with(@id, 'answer-')]",
        body=".//div{post-text or js-post-body}",
        author="(.//*{user-details}//a[contains(@href, '/users/')])[last()] | (.//*{user-details})[last()]",
        title="//h1[@itemprop='name'] | //div[@id='question-header']//h1",
        noise=".//aside{s-notice} | .//div{question-status or special-status or post-notice} | .//*{snippet-ctas}",
        label="//a{post-tag}",
        votes=".//*{js-vote-count}/@data-value | .//*{js-vote-count or vote-count-post}",
        accepted="self::*{accepted-answer or js-accepted-answer}",
        date="(.//*{user-action-time}//*[@title]/@title)[last()] | (.//*{user-info}//time/@datetime)[last()]",
        thanks=".//li{comment}[.//*{comment-user}{owner}]//*{comment-copy}"
        " | .//tr{comment}[.//*{comment-user}{owner}]//*{comment-copy}",
        marks=True,
        judges=True,
        least_votes=1,
    ),
    Platform(
        name="vanilla",
        signs=("ItemDiscussion", "ItemComment"),
        post="//div{ItemDiscussion} | //li{ItemComment} | //div{Discussion}[.//div{Message}]",
        body=".//div{Message}",
        author=".//a{Username} | .//*{Author}//a",
        title="//div{PageTitle}//h1 | //h1",
        noise=".//blockquote{Quote or UserQuote} | .//div{Signature or js-embed or embedResponsive} | "
        ".//div{QuoteAuthor}",
        label="(//*{Breadcrumbs}//a)[last()] | //*{DiscussionMeta}//*{Category}//a",
        accepted="self::*{QnA-Item-Accepted or Accepted} | .//*{Tag-Accepted or QnA-Accepted}",
        cite=".//div{QuoteAuthor}",
        marks=True,
    ),
    Platform(
        name="flarum",
        signs=("Post-body", "DiscussionPage", "flarum-content"),
        post="//article[.//div{Post-body}]",
        body=".//div{Post-body}",
        author=".//*{PostUser}//*{username} | .//*{PostUser-name} | .//*{PostUser}//h3",
        title="//h1{DiscussionHero-title} | //*{DiscussionHero-title} | //*[@id='flarum-content']//h1",
        noise=".//blockquote[.//a{PostMention}] | .//blockquote{uncited} | .//a{PostMention}",
        label="//*{DiscussionHero}//*{TagLabel-text} | //*{DiscussionHero}//*{TagLabel-name}",
        votes=".//*{Post-vote or CommentPost-votes}//*{Post-points}",
        accepted="self::*{Post--bestAnswer} | .//*{item-bestAnswer}",
        cite=".//a{PostMention}",
        date=".//*{PostMeta or item-meta}//time",
        marks=True,
    ),
    Platform(
        name="nodebb",
        signs=("topic-owner-post", "topic", "posts", "posts-list"),
        post="//*[@component='post'][@data-pid]",
        body=".//*[@component='post/content']",
        author="@data-username | @data-userslug | .//a[@data-username]/@data-username",
        title="//*[@component='topic/title'] | //*[@component='post/header']//*{topic-title} | //h1",
        noise=".//blockquote | .//*[@component='post/signature'] | .//*[@component='post/edit-indicator']",
        label="(//ol{breadcrumb}//a[contains(@href, '/category/')])[last()]",
        votes=".//*[@component='post/vote-count']/@data-votes | .//*[@component='post/vote-count']",
        accepted="self::*{isSolved or answered or solved} | .//*{post-solved or isSolved}",
        cite=".//a{plugin-mentions-a or plugin-mentions-user}",
        date="@data-timestamp",
        marks=True,
    ),
    Platform(
        name="insided",
        signs=("qa-topic-post-content", "qa-topic-post-box"),
        post="//div{qa-topic-post-box}",
        body=".//div{qa-topic-post-content}",
        author=".//a{qa-username} | .//*{qa-username} | .//a{username}",
        title="//h1{qa-thread-title} | //h1",
        noise=".//blockquote | .//*{answer-field or qa-answer-field or qa-topic-signature or post__signature} | "
        ".//*{quote}",
        label="(//*{breadcrumb}//a)[last()] | //a{qa-breadcrumb-link}",
        votes=".//*{qa-like-count or qa-upvotes-count}",
        accepted="self::*{post--bestanswer or post--best-answer or is-best-answer or qa-topic-best-answer}"
        " | .//*{qa-best-answer-label or qa-post-best-answer}",
        date=".//*{qa-date-publish or post__date or qa-publish-date} | .//time",
        marks=True,
    ),
    Platform(
        name="lithium",
        signs=("lia-message-body-content", "lia-message-body"),
        post="//div{lia-message-view-wrapper}[.//div{lia-message-body-content}]",
        body=".//div{lia-message-body-content}",
        author=".//a{lia-user-name-link} | .//*{lia-user-name} | "
        ".//*{lia-component-message-view-widget-author-username}",
        title="//*{lia-message-subject-banner} | //*{lia-message-subject}//h1 | //*{lia-message-subject} | //h1",
        noise=".//blockquote | .//*{lia-message-signature or lia-message-edit-history or lia-quilt-signature}",
        label="(//*{lia-breadcrumb-board})[last()] | (//*{lia-breadcrumb-node})[last()]",
        votes=".//*{MessageKudosCount or lia-message-kudos-count} | .//*[@itemprop='upvoteCount']",
        accepted="self::*{lia-accepted-solution or lia-message-solution} | .//*{lia-list-accepted-solution}"
        " | .//*{lia-component-solution-info} | ancestor::*{lia-accepted-solution or lia-component-accepted-solution}",
        date=".//*{lia-message-posted-on or DateTime}",
        marks=True,
    ),
    Platform(
        name="github",
        signs=("timeline-comment", "js-comment-container", "markdown-body", "issue-title", "js-issue-title"),
        post="//div{js-comment-container or timeline-comment}[.//*{comment-body}]"
        "[not(ancestor::div{js-comment-container or timeline-comment})]"
        " | //div[starts-with(@data-testid, 'issue-viewer-issue-container')]"
        " | //*[starts-with(@data-testid, 'comment-viewer-outer-box')]",
        body=".//*{comment-body} | .//*[@data-testid='markdown-body'] | .//*{markdown-body}",
        author=".//*{timeline-comment-header or comment-header or comment-header-author}//a{author}"
        " | .//a[starts-with(@data-testid, 'issue-body-header-author')] | .//a[@data-testid='avatar-link']"
        " | .//a{author} | .//*{comment-header-author} | .//*{js-discussion-author}",
        title="//*[@data-testid='issue-title'] | //*{js-issue-title} | //*{discussion-topic-title} | //h1//bdi",
        noise=".//blockquote | .//*{email-hidden-toggle or email-signature-reply or email-quoted-reply}",
        label="//a{IssueLabel or Label--inline} | //*{labels}//a | //*[starts-with(@data-testid, 'issue-label')]"
        " | //*{discussion-labels}//*{name}",
        votes=".//*[@aria-label='Upvote']//*{text-small} | .//button[contains(@aria-label, "
        "'pvote')]/@data-upvote-count",
        accepted="self::*[@data-marked-as-answer='true'] | .//*[contains(@aria-label, 'Marked as answer')]"
        " | .//*[contains(@aria-label, 'Marked as Answer')] | ancestor::section[contains(@aria-label, 'Marked as')]"
        " | .//*{discussion-answer-badge or discussions-answer-badge}",
        cite=".//a{user-mention}",
        marks=True,
    ),
    Platform(
        name="reddit",
        signs=("shreddit-post", "shreddit-comment"),
        post="//shreddit-post | //shreddit-comment",
        body="./*[@slot='text-body'] | ./*[@slot='comment'] | .//*[contains(@id, '-post-rtjson-content')]",
        author="@author",
        title="//shreddit-post//h1 | //h1",
        label="//shreddit-post/@subreddit-prefixed-name",
        votes="@score",
        date="@created-timestamp | @created | ./*[@slot='commentMeta']//time | .//faceplate-timeago/@ts",
        least_votes=2,
    ),
    Platform(
        name="reddit",
        signs=("thing", "usertext-body"),
        post="//div[@id='siteTable']/div{thing}{link} | //div{commentarea}//div{thing}{comment}",
        body="./div{entry}//div{usertext-body}/div{md} | ./div{entry}//p{title}/a{title}",
        author="./div{entry}//a{author} | @data-author",
        title="//div[@id='siteTable']//a{title}",
        label="//span{redditname}/a",
        votes="./div{entry}//span{score}{unvoted}/@title | @data-score | ./div{entry}//span{score}{unvoted}",
        staff="./div{entry}//a{author}{moderator or admin}",
        date="./div{entry}/p{tagline}//time/@datetime",
        solved="//div{thing}{link}//span{linkflairlabel}[contains(translate(., 'SOLVED', 'solved'), 'solved')]"
        "[not(contains(translate(., 'UN', 'un'), 'un'))]",
    ),
    Platform(
        name="question2answer",
        signs=("qa-q-view", "qa-a-list-item"),
        post="//div{qa-q-view} | //div{qa-a-list-item}",
        body=".//div{qa-q-view-content or qa-a-item-content}",
        author=".//*{qa-q-view-who or qa-a-item-who}//*{qa-user-link or vcard} | .//a{qa-user-link}",
        title="//div{qa-main-heading}//h1 | //h1",
        label="//a{qa-tag-link} | //a{qa-category-link}",
        votes=".//*{qa-netvote-count-data}",
        accepted="self::*{qa-a-list-item-selected} | .//*{qa-a-selected}",
        date=".//*{qa-q-view-when or qa-a-item-when}",
        marks=True,
        judges=True,
        least_votes=1,
    ),
)
