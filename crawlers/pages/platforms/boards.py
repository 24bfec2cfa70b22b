"""Bulletin boards, from phpBB 2 to XenForo 2; one row of paths each."""

from __future__ import annotations

from crawlers.pages.platforms.platform import Platform

__all__ = ["BOARDS"]

BOARDS = (
    Platform(
        name="phpbb",
        signs=("postbody",),
        post="//div{post}[.//div{postbody}]",
        body=".//div{content}",
        author=".//p{author}//*{username or username-coloured} | .//p{author}//strong | .//dl{postprofile}/dt/a"
        " | .//dl{postprofile}//*{username or username-coloured}",
        title="//h2{topic-title} | //h2[a[contains(@href, 'viewtopic')]]"
        " | //h1[a[contains(@href, 'viewtopic')]] | //div{postbody}//h3",
        noise=".//blockquote | .//*{signature} | .//div{notice} | .//dl{codebox}/dt"
        " | .//div{codebox}/p | .//dl{attachbox} | .//div{inline-attachment}",
        label="(//*{navlinks}//a[contains(@href, 'viewforum')])[last()]"
        " | //a{left-box or jumpbox-return}[contains(@href, 'viewforum')]",
        accepted="self::*{solved or post-solved or bestanswer or accepted_answer}",
        date=".//p{author}//time | .//p{author}",
        solved="//h2{topic-title}//*[contains(@class, 'solved')]",
    ),
    Platform(
        name="phpbb",
        signs=("postbody", "postauthor"),
        post="//tr[td//span{name}][.//span{postbody}][not(.//tr//span{name})]"
        " | //tr[.//b{postauthor}][following-sibling::tr//div{postbody}]",
        body=".//td[span{postbody}] | following-sibling::tr[1]//div{postbody}",
        author=".//span{name}/b | .//span{name} | .//b{postauthor}",
        title="//a{maintitle or titles} | //h2/a",
        noise=".//table[.//td{quote}] | .//span{gensmall} | .//div{quotetitle or quotecontent} | .//td{quote}"
        " | .//table[.//td{code}]//span{genmed} | .//div{codetitle}",
        label="(//a{nav}[contains(@href, 'viewforum')])[last()]"
        " | (//p{breadcrumbs}//a[contains(@href, 'viewforum')])[last()]",
        cite=".//td//span{genmed}/b | .//div{quotetitle}",
        date=".//span{postdetails}[contains(., ':')] | .//td{gensmall}[contains(., ':')]",
    ),
    Platform(
        name="xenforo",
        signs=("message", "messageText", "message-body"),
        post="//article{message--post} | //li{message}[@data-author] | //div{message--post}[@data-author]",
        body=".//article{message-body} | .//blockquote{messageText} | .//div{message-body}",
        author="@data-author",
        title="//h1{p-title-value} | //div{titleBar}//h1",
        noise=".//blockquote{bbCodeBlock--quote} | .//div{bbCodeQuote or bbCodeBlock--quote} | .//*{message-lastEdit}"
        " | .//div{bbCodeBlock-title} | .//*{message-signature or signature} | .//div{quoteExpand}"
        " | .//div{bbCodeBlock-expandLink or bbCodeBlock-shrinkLink}",
        label="(//ul{p-breadcrumbs}//span[@itemprop='name'])[last()] | (//*{breadcrumb}//a{crumb})[last()]",
        votes=".//*{contentVote-score or js-voteCount}",
        accepted="self::*{message--solution or is-solution} | .//*{message-cell--solution}"
        " | .//*{message-solution or solution-badge}",
        cite=".//blockquote/@data-quote | .//div{attribution}",
        date=".//*{message-attribution}//time | .//*{message-date or messageMeta}//*{DateTime} | .//*{DateTime}",
        marks=True,
    ),
    Platform(
        name="vbulletin",
        signs=("postcontent", "postbitlegacy", "postbit", "bigusername"),
        post="//li{postcontainer or postbit or postbitlegacy}"
        " | //table[starts-with(@id, 'post')][.//div[contains(@id, 'post_message_')]]",
        body=".//blockquote{postcontent} | .//div[starts-with(@id, 'post_message_')]",
        author=".//a{username or bigusername} | .//span{username} | .//div[starts-with(@id, 'postmenu_')]",
        title="//span{threadtitle} | //td{navbar}//strong | //h1",
        noise=".//div{bbcode_quote} | .//div[div{smallfont}][table] | .//div{bbcode_description}"
        " | .//*{signature or lastedited} | .//div[div{smallfont}]/pre/preceding-sibling::div{smallfont}",
        label="(//*[@id='breadcrumb' or contains(@class, 'breadcrumb')]//li{navbit}{not lastnavbit})[last()]"
        " | (//span{navbar}//a[contains(@href, 'forumdisplay')])[last()]",
        cite=".//div{bbcode_postedby}//strong | .//div[div{smallfont}]/table//strong",
        date=".//span{postdate or date} | .//td{thead}",
    ),
    Platform(
        name="vbulletin",
        signs=("b-post", "js-post"),
        post="//li{b-post}[.//*{js-post__content-text or b-post__content}][not(contains(@class, 'b-comment'))]",
        body=".//*{js-post__content-text} | .//*{b-post__content}",
        author=".//*{b-userinfo__details or author}//a | .//*[@itemprop='author']//*[@itemprop='name'] | .//*{author}",
        title="//h1{main-title} | //h1",
        noise=".//div{bbcode_container} | .//*{bbcode_quote or post-signature or b-post__signature or "
        "post__signature or b-post__edited or post-edited} | .//blockquote",
        label="(//*[@id='breadcrumbs']//a)[last()] | (//ul{b-breadcrumb or breadcrumbs}//a)[last()]",
        votes=".//*{votecount}",
        cite=".//div{bbcode_postedby}//strong",
        date=".//*{b-post__timestamp}//time | .//time",
    ),
    Platform(
        name="smf",
        signs=("post_wrapper", "poster", "keyinfo"),
        post="//div{post_wrapper}",
        body=".//div{post}//div{inner} | .//div{post}",
        author=".//div{poster}/h4//a[not(img)] | .//div{poster}/h4",
        title="//*[@id='top_subject'] | //h2{display_title} | //h3{catbg}[span[@id='author']]"
        " | //*[@id='forumposts']//h3{catbg} | //div{keyinfo}//h5",
        noise=".//blockquote | .//*{quoteheader or codeheader or signature or modified or quotefooter}"
        " | .//cite | .//*{bbc_alert}",
        label="(//div{navigate_section}//a[contains(@href, 'board=')])[last()]"
        " | (//div{navigate_section}//a[contains(@href, 'board')])[last()]",
        cite=".//*{quoteheader} | .//blockquote/cite",
        date=".//div{keyinfo}//*{smalltext} | .//div{keyinfo} | .//div{postinfo}",
    ),
    Platform(
        name="smf",
        signs=("windowbg", "windowbg2"),
        post="//table[.//div{post}][.//div[starts-with(@id, 'subject_')]][not(.//table[.//div{post}])]",
        body=".//div{post}",
        author=".//td//b/a[contains(@href, 'action=profile')] | .//td/b",
        title="//*[@id='top_subject'] | //div[starts-with(@id, 'subject_')]",
        noise=".//div{quote or quoteheader or codeheader or signature} | .//blockquote",
        label="(//a{nav}[contains(@href, 'board=')])[last()]",
        code=".//div{code}",
        cite=".//div{quoteheader}",
        date=".//div{smalltext}[contains(., '»')]",
    ),
    Platform(
        name="mybb",
        signs=("post_body", "post_author"),
        post="//div{post}[.//div{post_body}] | //table[starts-with(@id, 'post_')][.//*{post_body}]",
        body=".//*{post_body}",
        author=".//*{author_information}//*{largetext}//a | .//*{author_information}//a"
        " | .//*{post_author}//*{largetext} | .//*{post_author}//strong",
        title="//*[@id='posts']/preceding::td{thead}[1]//strong[not(a)] | //td{thead}//strong[not(a)] | "
        "//*{navigation}//*{active}",
        noise=".//blockquote | .//*{signature or post_edit or edited_post} | .//*{codeblock}/*{title}"
        " | .//*{codeblock}//*{title}",
        label="(//*{navigation}//a[contains(@href, 'forum')])[last()]",
        accepted="self::*{bestanswer or best_answer} | .//*{ba_best_answer}",
        cite=".//blockquote/cite",
        date=".//*{post_date} | .//td{tcat}//*{smalltext}",
    ),
    Platform(
        name="invision",
        signs=("ipsComment", "cPost", "ipsEntry", "post_block"),
        post="//article{ipsComment or ipsEntry}[.//*[@data-role='commentContent']]"
        " | //div{ipsComment}[.//*[@data-role='commentContent']] | //div{post_block}[.//*{entry-content}]",
        body=".//*[@data-role='commentContent'] | .//*{entry-content}",
        author=".//*{cAuthorPane_author}//a | .//*{cAuthorPane_author} | .//*{ipsEntry__username}//a"
        " | .//*{ipsEntry__username} | .//*{author}//*[@itemprop='name'] | .//*{author}",
        title="//h1{ipsType_pageTitle}//span{ipsType_break}[not(a)] | //h1{ipsType_pageTitle} | "
        "//h1{ipsPageHeader__title}"
        " | //h1{ipsType_pagetitle} | //h1",
        noise=".//blockquote | .//*[@data-role='memberSignature'] | .//*[@data-excludequote] | .//p{edit or citation}"
        " | .//*{ipsEdited or ipsQuote}",
        label="(//nav{ipsBreadcrumb}//li/a[@href]/span)[last()] | (//*{ipsBreadcrumb}//a)[last()]",
        votes=".//*[@data-role='voteCount' or @data-role='reactCount'] | .//*{cAnswerRating}",
        accepted="self::*{ipsComment_solved or ipsEntry--solved or cAnswer_best} | .//*{cBestAnswerIndicator or "
        "ipsEntry__solved or "
        "ipsBestAnswer} | .//li{ipsComment_solved}",
        cite=".//blockquote/@data-ipsquote-username | .//p{citation}",
        date=".//*{ipsComment_meta}//time | .//*{ipsType_blendLinks}/time | .//abbr{published}/@title | .//time",
        solved="//*{ipsType_pageTitle or ipsPageHeader__title or cTopicSolved}//*[contains(@title, 'olved')]",
        marks=True,
    ),
    Platform(
        name="fluxbb",
        signs=("blockpost",),
        post="//div{blockpost}",
        body=".//div{postright}//div{postmsg}{not postsignature}",
        author=".//div{postleft}//dt",
        title="//ul{crumbs}/li[last()] | //h1/a",
        noise=".//div{quotebox} | .//blockquote | .//*{postedit} | .//div{postsignature}",
        label="//ul{crumbs}/li[last() - 1]",
        date="./h2",
    ),
    Platform(
        name="punbb",
        signs=("entry-content", "posthead"),
        post="//div{post}[.//*{post-byline}]",
        body=".//div{entry-content}",
        author=".//*{post-byline}//strong | .//*{post-byline}//em | .//*{post-author}//*{username}",
        title="//h1{main-title} | //h1",
        noise=".//div{quotebox} | .//blockquote | .//div{sig-content} | .//*{note}",
        label="(//*{crumbs}//a[contains(@href, 'forum')])[last()]",
        date=".//*{post-ident} | .//*{post-link}",
    ),
    Platform(
        name="kunena",
        signs=("kmsg", "kmsgtext", "kmessage"),
        post="//div{kmessage}[.//*{kmsg}][not(ancestor::*{message})] | //*{message}[.//*{kmsg}] | "
        "//table{kpost}[.//*{kmsgtext}]"
        " | //div{kblock}//*[tr//*{kmsgtext}][not(.//table//*{kmsgtext})] | //div{kmsg}[not(ancestor::*{message or "
        "kmessage})]",
        body=".//*{kmsgtext} | .//*{kmsg} | self::div{kmsg}",
        author=".//*{kpost-username}//a | .//*{kpost-username} | .//*{profilebox}//*{kwho-user or kwho-admin or "
        "kwho-moderator "
        "or kwho-globalmoderator or kwho-guest} | .//*{kuser-name or profilebox}//a[not(img)] | "
        ".//*[starts-with(@class, 'kwho-')]"
        " | .//*[@data-badger]/@data-badger",
        title="//h1 | //*{ktitle} | //div{kheader}//h2",
        noise=".//blockquote | .//*{kmsgtext-quote or ksig or kmsgsignature or kmsgtext-signature or kquote}",
        label="(//*{breadcrumb or kblock-pathway or kpathway}//a[contains(@href, 'forum')])[last()]",
        date=".//*{kmsgdate}/@title | .//*{kmsgdate} | .//*{kdate or pull-right or float-right}//*[@title]",
    ),
    Platform(
        name="inyoka",
        signs=("topic_box", "topic"),
        post="//table{topic}//tr[starts-with(@id, 'post-')]",
        body=".//td{post}/div{text} | .//div{text}",
        author=".//td{author}//p{username}",
        title="//div{topic_box}//h2 | //h2 | //h1",
        noise=".//blockquote | .//div{edited or moderated or signature}",
        label="(//div{breadcrumb}//li[a[contains(@href, '/forum/')]])[last()]",
        cite=".//p{citation}",
        date=".//div{postinfo}",
        solved="//*{status_solved}",
    ),
    Platform(
        name="woltlab",
        signs=("messageText",),
        post="//article{message}[.//*{messageText}] | //li{wbbPost}//*{message}[.//*{messageText}]",
        body=".//*{messageText}",
        author=".//*{messageAuthorContainer}//*{username} | .//*{messageAuthor}//*{username} | .//*{username}",
        title="//h1{contentTitle} | //h1",
        noise=".//blockquote | .//*{quoteBox or messageSignature or messageEditNote or container}",
        label="(//*{breadcrumbs}//span[@itemprop='name'])[last()] | (//*{breadcrumbs}//a)[last()]",
        votes=".//*{reactionSummary}//*{reactionCount}",
        accepted="self::*{wbbPostBestAnswer or jsBestAnswer} | ancestor::*{wbbPostBestAnswer}",
        cite=".//blockquote//*{quoteBoxTitle} | .//*{quoteBoxTitle}",
        date=".//*{messagePublicationTime}//*[@date or @datetime] | .//*{messageHeaderMetaData}",
        marks=True,
    ),
    Platform(
        name="discuz",
        signs=("t_f", "t_msgfont", "postmessage"),
        post="//div[starts-with(@id, 'post_')][.//td[starts-with(@id, 'postmessage_')]]"
        " | //table[starts-with(@id, 'pid')][.//td[starts-with(@id, 'postmessage_')]]",
        body=".//td[starts-with(@id, 'postmessage_')]",
        author=".//*{authi}//a{xw1} | .//a{posterlink} | .//*{postinfo}//a{posterlink} | .//*{authi}//a",
        title="//*[@id='thread_subject'] | //*[@id='threadtitle']//h1 | //h1",
        noise=".//blockquote | .//*{quote or pstatus or sign}",
        label="(//*[@id='pt' or @id='nav']//a[contains(@href, 'forum')])[last()]",
        accepted="self::*{rwdbst} | .//*{rwdbst}",
        date=".//em[starts-with(@id, 'authorposton')]",
    ),
    Platform(
        name="bbpress",
        signs=("bbp-reply-content", "bbp-topic-content"),
        post="//div[contains(@class, ' topic ') or contains(@class, ' reply ') or starts-with(@id, 'post-')]"
        "[.//div{bbp-reply-content or bbp-topic-content}]",
        body=".//div{bbp-reply-content or bbp-topic-content}",
        author=".//*{bbp-author-name} | .//*{bbp-reply-author or bbp-topic-author}//a[not(img)]",
        title="//h1{page-title or entry-title} | //h1",
        noise=".//blockquote | .//ul{bbp-reply-revision-log or bbp-topic-revision-log} | .//*{bbp-signature}",
        label="(//*{bbp-breadcrumb}//a[contains(@class, 'forum')])[last()]",
        date=".//*{bbp-reply-post-date or bbp-topic-post-date}/@title"
        " | .//*{bbp-reply-post-date or bbp-topic-post-date} | preceding-sibling::*[1]//*{bbp-reply-post-date}",
    ),
)
